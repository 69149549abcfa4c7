-- Counts by status and by priority, and how many are overdue.
dofile(os.getenv("BENCH_WRK") .. "/common.lua")
local get

function init()
    get = wrk.format("GET", "/api/v1/work-orders/stats")
end

function request()
    return get
end
