// SPDX-License-Identifier: MIT
//
// A directory for one test.
//
//     Directory directory;
//     directory.write("root.secret", "hush", 0600);
//     Config::read(directory.of("broker.json"));
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

class Directory {
public:
    Directory() {
        // mkdtemp(3) puts letters in the place of the Xs.
        std::string pattern = std::filesystem::temp_directory_path() / "tsmfd-test-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            std::abort();
        path_ = pattern;
    }
    ~Directory() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string of(const std::string& name) const { return path_ + "/" + name; }

    void write(const std::string& name, std::string_view text, mode_t mode = 0600) const {
        std::ofstream(of(name), std::ios::binary | std::ios::trunc) << text;
        ::chmod(of(name).c_str(), mode);
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in(of(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
        std::istringstream in(read(name));
        std::vector<std::string> all;
        for (std::string line; std::getline(in, line);)
            all.push_back(line);
        return all;
    }

private:
    std::string path_;
};

// While it lives, this process's files cannot become longer than that.
class FileLimit {
public:
    explicit FileLimit(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &former_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = former_.rlim_max};
        handler_ = ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileLimit() {
        ::setrlimit(RLIMIT_FSIZE, &former_);
        (void)::signal(SIGXFSZ, handler_);
    }
    FileLimit(const FileLimit&) = delete;
    FileLimit& operator=(const FileLimit&) = delete;

private:
    rlimit former_{};
    sighandler_t handler_ = SIG_DFL;
};
