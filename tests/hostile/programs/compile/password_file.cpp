// Shows the host's password file in the compiler's message.
// raw
// verdict: compile_error
// message: No such file
#include "/etc/passwd"
