// Counts tests in a file in memory that exists before the input is looked at.
// verdict: accepted
// gem5: engine_divergence
static int file;
__attribute__((constructor)) static void make() { file = memfd_create("left", 0); }
bool attack()
{
    struct stat status = {};
    fstat(file, &status);
    bool found = status.st_size > 0;
    return write(file, "x", 1) == 1 && found;
}
