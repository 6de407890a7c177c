// SPDX-License-Identifier: MIT
#include "support/fail_nth.hpp"

#include "support/files.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace guest {

namespace {

constexpr const char* fail_nth_file = "/proc/thread-self/fail-nth";

std::string knob(const std::string& path) {
    return "/sys/kernel/debug/" + path;
}

// All but kmemleak's, which would complain.
void have_caches_fail() {
    for (const auto& cache : std::filesystem::directory_iterator("/sys/kernel/slab")) {
        if (!cache.path().filename().string().starts_with("kmemleak"))
            write_file(cache.path() / "failslab", "1");
    }
    write_file(knob("failslab/cache-filter"), "Y");
}

void spare_nothing_else() {
    for (const std::string& what : {std::string("failslab"), std::string("fail_page_alloc")}) {
        write_file(knob(what + "/ignore-gfp-wait"), "N");
        write_file(knob(what + "/verbose"), "0");
    }
    write_file(knob("fail_page_alloc/min-order"), "0");
    write_file(knob("fail_usercopy/verbose"), "0");
}

} // namespace

bool can_run_short() {
    return ::access(fail_nth_file, W_OK) == 0 &&
           ::access(knob("failslab/ignore-gfp-wait").c_str(), W_OK) == 0;
}

void run_short_of_everything() {
    have_caches_fail();
    spare_nothing_else();
}

FailNth::FailNth(unsigned nth) : fd_(open_file(fail_nth_file, O_RDWR)) {
    const std::string text = std::to_string(nth);
    if (::write(fd_.get(), text.data(), text.size()) < 0)
        throw_errno(fail_nth_file, errno);
}

// What is left of the count is 0 once it has failed something; and if to read it is what fails,
// nothing had before.
bool FailNth::has_failed() {
    std::array<char, 16> text{};
    const ssize_t size = ::pread(fd_.get(), text.data(), text.size(), 0);
    stop();
    unsigned left = 0;
    return size > 0 && std::from_chars(text.data(), text.data() + size, left).ec == std::errc{} &&
           left == 0;
}

// This write may be what fails, and there is nothing to stop any more.
void FailNth::stop() {
    if (::write(fd_.get(), "0", 1) < 0 && errno != EFAULT)
        throw_errno(fail_nth_file, errno);
}

} // namespace guest
