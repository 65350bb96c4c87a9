// Mistake: prefix sums and k are 32-bit ints.
#include <iostream>
#include <map>
using namespace std;
int main() {
    int n;
    long long wide;
    cin >> n >> wide;
    int k = (int)wide;
    map<int, long long> seen{{0, 1}};
    unsigned sum = 0;
    long long count = 0;
    for (int i = 0; i < n; i++) {
        int a;
        cin >> a;
        sum += (unsigned)a;
        auto it = seen.find((int)(sum - (unsigned)k));
        if (it != seen.end()) count += it->second;
        seen[(int)sum]++;
    }
    cout << count << endl;
}
