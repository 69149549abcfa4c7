-- One work order by a random id.
local common = dofile(os.getenv("BENCH_WRK") .. "/common.lua")
local first, last, get = common.number("BENCH_FIRST_ID"), common.number("BENCH_LAST_ID")

function init()
    common.start()
    get = common.template("/api/v1/work-orders/@@")
end

function request()
    return get(math.random(first, last))
end
