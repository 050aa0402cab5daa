// Allocates until it throws.
// verdict: memory_limit
#include <vector>
bool attack()
{
    std::vector<char *> all;
    for (;;) {
        all.push_back(new char[1 << 20]);
        memset(all.back(), 1, 1 << 20);
    }
}
