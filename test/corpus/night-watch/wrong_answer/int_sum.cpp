// Mistake: the sum is a 32-bit int.
#include <algorithm>
#include <iostream>
#include <vector>
using namespace std;
int main() {
    int n, k;
    cin >> n >> k;
    vector<int> t(n);
    unsigned total = 0;
    for (int& x : t) cin >> x, total += x;
    int lo = *max_element(t.begin(), t.end()), hi = (int)total;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2, count = 1;
        long long sum = 0;
        for (int x : t) {
            if (sum + x > mid) count++, sum = 0;
            sum += x;
        }
        if (count <= k) hi = mid;
        else lo = mid + 1;
    }
    cout << lo << endl;
}
