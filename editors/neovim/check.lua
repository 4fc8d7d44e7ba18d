-- Headless Neovim against the real server: diagnostics, a quick fix, fix all, and the file as expected.
--
--   SERVER="transpile-hybrid server" FILE=/tmp/work/net.py nvim --headless --clean -u NONE -c 'luafile editors/neovim/check.lua'
--
-- Prints what it saw and ends with exit code 0 if all of it came. FILE is changed.
local file = os.getenv("FILE")
local command = vim.split(os.getenv("SERVER") or "transpile-hybrid server", " ")

local function fail(text)
  print("FAILED: " .. text .. "\n")
  vim.cmd("cquit 1")
end

local function wait(what, condition)
  if not vim.wait(30000, condition, 50) then fail(what) end
end

vim.cmd("edit " .. file)
vim.bo.filetype = "python"
local buffer = vim.api.nvim_get_current_buf()
local root = vim.fn.fnamemodify(file, ":h")
local client = vim.lsp.start_client({
  name = "transpile-hybrid",
  cmd = command,
  root_dir = root,
  workspace_folders = { { name = root, uri = vim.uri_from_fname(root) } },
})
vim.lsp.buf_attach_client(buffer, client)

local function count() return #vim.diagnostic.get(buffer) end
wait("no diagnostics came", function() return count() > 0 end)
local before = count()
print("diagnostics: " .. before .. "\n")

local function actions(range, only)
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer), range = range, context = { diagnostics = {}, only = only } }
  local answer = vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", params, 30000)
  return (answer and answer[client] and answer[client].result) or {}
end

local function apply(action)
  if not action.edit then
    local answer = vim.lsp.buf_request_sync(buffer, "codeAction/resolve", action, 30000)
    action = answer[client].result
  end
  vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(client).offset_encoding)
end

local quick
for _, one in ipairs(vim.diagnostic.get(buffer)) do
  local place = { line = one.lnum, character = one.col }
  for _, action in ipairs(actions({ start = place, ["end"] = place }, { "quickfix" })) do
    if action.isPreferred then quick = action end
  end
  if quick then break end
end
if not quick then fail("no quick fix") end
print("quick fix: " .. quick.title .. "\n")
apply(quick)
wait("the quick fix left the diagnostics as they were", function() return count() < before end)

local last = vim.api.nvim_buf_line_count(buffer)
local all = actions({ start = { line = 0, character = 0 }, ["end"] = { line = last, character = 0 } }, { "source.fixAll" })
if #all > 0 then apply(all[1]) end
wait("fix all left something", function() return count() == 0 end)
vim.cmd("write")
print("after fix all: " .. count() .. "\n")
vim.lsp.stop_client(client)
vim.cmd("quitall!")
