-- A session of nvim-dap in headless Neovim: launch, break, step, step back, inspect, set, evaluate, disconnect.
-- What happens is printed line by line. Environment: NVIM_DAP, PYTHON, PROGRAM.

vim.opt.runtimepath:append(os.getenv("NVIM_DAP"))
local dap = require("dap")
local stops, is_over = 0, false

local function say(...)
  io.stdout:write(table.concat(vim.tbl_map(tostring, { ... }), " ") .. "\n")
end

dap.adapters.stepgrad = { type = "executable", command = os.getenv("PYTHON"), args = { "-m", "engine", "dap" } }
dap.defaults.fallback.exception_breakpoints = { "not-finite" }
dap.listeners.after.event_stopped["test"] = function(_, body)
  stops = stops + 1
  say("stopped", body.reason)
end
dap.listeners.after.event_terminated["test"] = function() is_over = true end

local function move(how)
  local before = stops
  how()
  assert(vim.wait(10000, function() return stops > before end, 10))
  vim.wait(200)
  local frame = dap.session().current_frame
  say("at", frame.line, frame.name)
end

local function ask(command, arguments)
  local answer, is_here
  arguments.frameId = dap.session().current_frame.id
  dap.session():request(command, arguments, function(err, body)
    answer, is_here = err and err.message or body, true
  end)
  assert(vim.wait(5000, function() return is_here end, 10))
  say(command, arguments.expression, type(answer) == "table" and (answer.result or answer.value) or answer)
end

local function main()
  vim.cmd("edit " .. os.getenv("PROGRAM"))
  vim.api.nvim_win_set_cursor(0, { 6, 0 })
  dap.toggle_breakpoint()
  move(function()
    dap.run({ type = "stepgrad", request = "launch", name = "test", program = os.getenv("PROGRAM") })
  end)
  move(dap.continue)
  move(dap.step_over)
  move(dap.step_back)
  move(dap.continue)
  ask("evaluate", { expression = "a.grad", context = "watch" })
  ask("evaluate", { expression = "d", context = "hover" })
  ask("evaluate", { expression = "|local| > 0", context = "repl" })
  move(dap.reverse_continue)
  ask("setExpression", { expression = "a", value = "0.5" })
  ask("evaluate", { expression = "a.data", context = "watch" })
  move(dap.restart_frame)
  dap.up()
  vim.wait(200)
  say("above", vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ":t"), vim.api.nvim_win_get_cursor(0)[1])
  dap.disconnect()
  assert(vim.wait(5000, function() return is_over end, 10))
  say("over")
end

vim.defer_fn(function()
  local ok, err = pcall(main)
  if not ok then say("error", err) end
  vim.cmd("qall!")
end, 100)
