// Recurses for ever.
// verdict: runtime_error
static int recurse(int depth)
{
    volatile char here[4096];
    here[0] = depth;
    return recurse(depth + 1) + here[0];
}
bool attack() { return recurse(0); }
