// Changes the system, the program itself and the devices.
// verdict: accepted
bool attack()
{
    for (const char *path : {"/usr/bin/cat", "/etc/ld.so.cache", "/lib64/ld-linux-x86-64.so.2", "/work/prog"})
        if (writable(path))
            return true;
    for (const char *path : {"/usr/new", "/etc/new", "/new", "/dev/new", "/usr/lib/new"})
        if (open(path, O_CREAT | O_WRONLY, 0666) >= 0)
            return true;
    return unlink("/work/prog") == 0 || rename("/work/prog", "/tmp/prog") == 0 || chmod("/usr/bin/cat", 0777) == 0;
}
