-- One of the paths in BENCH_PATHS, at random.
local common = dofile(os.getenv("BENCH_WRK") .. "/common.lua")
local requests = {}

function init()
    common.start()
    for i, path in ipairs(common.lines("BENCH_PATHS")) do requests[i] = wrk.format("GET", path) end
end

function request()
    return requests[math.random(#requests)]
end
