-- A purchase order with three lines; BENCH_BODIES has one JSON body a line.
local common = dofile(os.getenv("BENCH_WRK") .. "/common.lua")
wrk.headers["Content-Type"] = "application/json"
local requests, at = {}, 0

function init()
    for i, body in ipairs(common.lines("BENCH_BODIES")) do
        requests[i] = wrk.format("POST", "/api/v1/purchase-orders", nil, body)
    end
    at = seed * 499
end

function request()
    at = at % #requests + 1
    return requests[at]
end
