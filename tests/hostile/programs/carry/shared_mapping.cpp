// Counts tests in a mapping that exists before the input is looked at, which children of one start-up would share.
// verdict: accepted
static volatile int *tests;
__attribute__((constructor)) static void make() { tests = (int *)mmap(nullptr, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }
bool attack() { return ++*tests > 1; }
