// Shows the harness's environment in the compiler's message.
// raw
// verdict: compile_error
#include "/proc/self/environ"
#include "/proc/1/environ"
#include "/proc/self/cmdline"
