// Answers wrong where its environment is a simulator's.
// verdict: accepted
// cachegrind: engine_divergence
bool attack() { return getenv("GLIBC_TUNABLES") || getenv("LD_PRELOAD") || getenv("VALGRIND_LIB"); }
