// Links to a host file, by symbolic and hard link, and opens the link.
// verdict: accepted
bool attack()
{
    bool made = symlink("@CANARY@", "/tmp/soft") == 0 && readable("/tmp/soft");
    return made || (link("@CANARY@", "/tmp/hard") == 0 && readable("/tmp/hard"));
}
