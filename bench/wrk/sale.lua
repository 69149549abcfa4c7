-- A sale of three lines; BENCH_BODIES-sales has one JSON body a line (or -hot, see sale_hot.lua).
local common = dofile(os.getenv("BENCH_WRK") .. "/common.lua")
wrk.headers["Content-Type"] = "application/json"
local requests, at = {}, 0
local bodies = bodies_suffix or "-sales"

function init()
    local file = io.open(os.getenv("BENCH_BODIES") .. bodies)
    for body in file:lines() do
        requests[#requests + 1] = wrk.format("POST", "/api/v1/sales", nil, body)
    end
    file:close()
    at = seed * 499
end

function request()
    at = at % #requests + 1
    return requests[at]
end
