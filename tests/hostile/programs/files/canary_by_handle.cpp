// Opens files by handle, which doesn't look at the root.
// verdict: accepted
bool attack()
{
    struct {
        struct file_handle head;
        char data[128];
    } handle;
    int mount;
    handle.head.handle_bytes = 128;
    if (name_to_handle_at(AT_FDCWD, "/", &handle.head, &mount, 0) != 0)
        return false;
    int root = open("/", O_RDONLY | O_DIRECTORY);
    return open_by_handle_at(root, &handle.head, O_RDONLY) >= 0;
}
