-- A random page of the work orders in progress, the next due first.
local common = dofile(os.getenv("BENCH_WRK") .. "/common.lua")
local pages, get = common.number("BENCH_PAGES")

function init()
    common.start()
    get = common.template("/api/v1/work-orders?status=in_progress&ordering=due_date&page_size=50&page=@@")
end

function request()
    return get(math.random(1, pages))
end
