-- A page after a random cursor of those in BENCH_CURSORS, without a total.
local common = dofile(os.getenv("BENCH_WRK") .. "/common.lua")
local cursors, get = common.lines("BENCH_CURSORS")

function init()
    common.start()
    get = common.template(
        "/api/v1/work-orders?status=in_progress&ordering=due_date&page_size=50&count=none&cursor=@@")
end

function request()
    return get(cursors[math.random(#cursors)])
end
