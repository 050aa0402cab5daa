#include <iostream>
using namespace std;

int main()
{
    int q;
    cin >> q;
    for (int k = 0; k < q; k++)
    {
        int a, b, g = 1;
        cin >> a >> b;
        for (int i = 1; i <= a && i <= b; i++)
        {
            if (a % i == 0 && b % i == 0)
                g = i;
        }
        cout << g << endl;
    }
    return 0;
}
