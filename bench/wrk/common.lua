-- What the scenarios share. The runner passes the token and the facts of the data in the environment.

local common = {}

wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")

function common.number(name)
    return tonumber(os.getenv(name))
end

function common.lines(name)
    local list = {}
    for line in io.lines(os.getenv(name)) do list[#list + 1] = line end
    return list
end

-- Splits a formatted request where the marker stands, so that a request costs two concatenations.
function common.template(path)
    local head, tail = wrk.format("GET", path):match("^(.-)@@(.*)$")
    return function(value) return head .. value .. tail end
end

-- Each thread draws its own sequence, the same in every run.
local threads = 0
function setup(thread)
    threads = threads + 1
    thread:set("seed", threads)
end

function common.start()
    math.randomseed(seed * 7919)
end

-- One line of JSON for the runner. wrk itself counts the answers above 399 as errors.status.
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"seconds":%.6f,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end

return common
