// Reads from a pipe to which only itself could write.
// verdict: time_limit
bool attack()
{
    int both[2];
    char byte;
    return pipe(both) != 0 || read(both[0], &byte, 1) == 1;
}
