// Shows a file of the harness's user in the compiler's message.
// raw
// verdict: compile_error
// message: No such file
#include "@CANARY@"
