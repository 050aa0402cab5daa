// Has more globals than it may have memory.
// verdict: runtime_error
static char all[1500 << 20];
bool attack()
{
    memset(all, 1, sizeof all);
    return false;
}
