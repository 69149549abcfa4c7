-- The same, all of one product.
bodies_suffix = "-hot"
dofile(os.getenv("BENCH_WRK") .. "/sale.lua")
