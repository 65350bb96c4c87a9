// Compares an output with the answer by the rules below. Called with the files
// of the input, the output and the answer; exit code 0 is right, 1 wrong, 2 a
// difference in whitespace alone.
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

const bool IGNORE_CASE = {{IGNORE_CASE}};
const bool SPACE_SENSITIVE = {{SPACE_SENSITIVE}};
const bool PRESENTATION_ERRORS = {{PRESENTATION_ERRORS}};
const double ABS_TOLERANCE = {{ABS_TOLERANCE}};
const double REL_TOLERANCE = {{REL_TOLERANCE}};

struct Text {
    std::string all;
    size_t at = 0;
    explicit Text(const char* path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) std::exit(3);
        all.assign(std::istreambuf_iterator<char>(file), {});
    }
    std::string next(bool space) {
        size_t from = at;
        while (at < all.size() && (std::isspace(static_cast<unsigned char>(all[at])) != 0) == space) at++;
        return all.substr(from, at - from);
    }
};

static bool number(const std::string& token, double* value) {
    if (token.empty() || token.size() >= 400 || token.find_first_not_of("+-.0123456789eE") != std::string::npos) return false;
    char* end = nullptr;
    *value = std::strtod(token.c_str(), &end);
    return *end == 0 && std::isfinite(*value);
}

static bool same(std::string a, std::string b) {
    if (IGNORE_CASE) {
        for (char& c : a) if ('A' <= c && c <= 'Z') c += 'a' - 'A';
        for (char& c : b) if ('A' <= c && c <= 'Z') c += 'a' - 'A';
    }
    double got, want;
    if (a == b) return true;
    if ((ABS_TOLERANCE <= 0 && REL_TOLERANCE <= 0) || !number(a, &got) || !number(b, &want)) return false;
    return std::fabs(got - want) <= ABS_TOLERANCE || std::fabs(got - want) <= REL_TOLERANCE * std::fabs(want);
}

int main(int argc, char* argv[]) {
    if (argc < 4) return 3;
    Text output(argv[2]), answer(argv[3]);
    bool spaces = true;
    for (int token = 1;; token++) {
        spaces = (output.next(true) == answer.next(true)) && spaces;
        std::string got = output.next(false), want = answer.next(false);
        if (!same(got, want) || got.empty() != want.empty()) {
            std::fprintf(stderr, "token %d: expected \"%.40s\", got \"%.40s\"\n", token, want.c_str(), got.c_str());
            return 1;
        }
        if (got.empty()) break;
    }
    if (spaces || (!SPACE_SENSITIVE && !PRESENTATION_ERRORS)) return 0;
    std::fprintf(stderr, "the whitespace differs\n");
    return PRESENTATION_ERRORS ? 2 : 1;
}
