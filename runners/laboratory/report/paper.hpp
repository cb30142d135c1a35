// What the paper states that Laggard's study repeats: the numbers that its text gives, with figure.
#pragma once

#include <string_view>

namespace laggard {

// A value of "paper" in the data of a report. Speedup and efficiency are against W = 4.
inline constexpr std::string_view kPaper =
    R"({"source":"Aytekin and Johansson, Harnessing the Power of Serverless Runtimes for )"
    R"(Large-Scale Optimization, arXiv:1901.03161","numbers":[)"
    R"({"figure":4,"quantity":"speedup","workers":256,"value":17,)"
    R"("text":"17 times as fast as W = 4"},)"
    R"({"figure":4,"quantity":"efficiency","workers":64,"value":0.74,"text":"74 % at W = 64"},)"
    R"({"figure":4,"quantity":"efficiency","workers":256,"value":0.26,"text":"26 % at W = 256"},)"
    R"({"figure":5,"quantity":"crossing","workers":64,"value":64,)"
    R"("text":"idle falls, then rises to cross compute after W = 64"}]})";

}  // namespace laggard
