// Executes gem5's pseudo-instructions and goes on where a processor refuses them.
// verdict: accepted
// ticks: honest
#include <ucontext.h>
static void skip(int, siginfo_t *, void *context) { ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 4; }
bool attack()
{
    struct sigaction action = {};
    action.sa_sigaction = skip;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGILL, &action, nullptr);
    __asm__ volatile(".byte 0x0f, 0x04; .short 0x40" ::"D"(0), "S"(0) : "rax", "memory");
    __asm__ volatile(".byte 0x0f, 0x04; .short 0x42" ::"D"(0), "S"(0) : "rax", "memory");
    return false;
}
