;;; check.el --- Headless Emacs and eglot against the real server -*- lexical-binding: t -*-
;;
;;   SERVER="transpile-hybrid server" FILE=/tmp/work/net.py emacs --batch -l editors/emacs/check.el
;;
;; Opens FILE, waits for the diagnostics, applies fix all, saves; ends with exit code 0 if all of it came.
;; Emacs 29 has eglot; older ones take it from their package archive (`elpa-eglot' on Debian).

(package-initialize)
(require 'eglot)
(require 'flymake)
(require 'python)
(setq eglot-sync-connect 30 eglot-confirm-server-initiated-edits nil eglot-send-changes-idle-time 0)
(add-to-list 'eglot-server-programs
             `(python-mode . ,(split-string (or (getenv "SERVER") "transpile-hybrid server"))))

(defun check-wait (what condition)
  "Wait until CONDITION returns non-nil; end with exit code 1, telling WHAT, if it never does."
  (let ((left 300))
    (while (and (not (funcall condition)) (> left 0))
      (accept-process-output nil 0.1)
      (setq left (1- left)))
    (when (= left 0)
      (message "FAILED: %s" what)
      (kill-emacs 1))))

(let* ((file (getenv "FILE"))
       (default-directory (file-name-directory file)))
  (make-directory (expand-file-name ".git" default-directory) t)
  (find-file file)
  (python-mode)
  (eglot-ensure)
  (call-interactively #'eglot)
  (let* ((count (lambda () (length (flymake-diagnostics)))))
    (check-wait "no diagnostics came" (lambda () (flymake-start) (> (funcall count) 0)))
    (message "diagnostics: %d" (funcall count))
    (let ((actions (jsonrpc-request
                    (eglot-current-server) :textDocument/codeAction
                    (list :textDocument (eglot--TextDocumentIdentifier)
                          :range (list :start (eglot--pos-to-lsp-position (point-min))
                                       :end (eglot--pos-to-lsp-position (point-max)))
                          :context '(:diagnostics [] :only ["source.fixAll"])))))
      (message "actions: %s" (mapcar (lambda (one) (plist-get one :title)) actions))
      (let ((action (aref actions 0)))
        (unless (plist-get action :edit)
          (setq action (jsonrpc-request (eglot-current-server) :codeAction/resolve action)))
        (eglot--apply-workspace-edit (plist-get action :edit))
        (eglot--signal-textDocument/didChange))) ; the idle timer that does it never runs in batch mode
    (check-wait "fix all left something" (lambda () (flymake-start) (= (funcall count) 0)))
    (save-buffer)
    (message "after fix all: %d" (funcall count))
    (eglot-shutdown (eglot-current-server))
    (kill-emacs 0)))
