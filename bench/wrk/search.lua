-- The first page of the work orders that have a word beginning with one of BENCH_WORDS.
local common = dofile(os.getenv("BENCH_WRK") .. "/common.lua")
local words, get = common.lines("BENCH_WORDS")

function init()
    common.start()
    get = common.template("/api/v1/work-orders?page_size=50&search=@@")
end

function request()
    return get(words[math.random(#words)])
end
