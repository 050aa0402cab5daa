// Counts tests in a file that is written before and after the input is looked at.
// verdict: accepted
// gem5: engine_divergence
static int file;
__attribute__((constructor)) static void make() { file = open("/tmp/early", O_CREAT | O_RDWR | O_APPEND, 0600); }
bool attack()
{
    struct stat status = {};
    fstat(file, &status);
    bool found = status.st_size > 0;
    return write(file, "x", 1) == 1 && found;
}
