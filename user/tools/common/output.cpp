// SPDX-License-Identifier: MIT
#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>

namespace stress {

tsmfd::Result<void> write_out(const std::string& file, const std::string& bytes) {
    const bool to_stdout = file.empty() || file == "-";
    const std::string name = to_stdout ? "stdout" : file;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(
        to_stdout ? nullptr : std::fopen(file.c_str(), "we"),
        [](std::FILE* stream) { return stream != nullptr ? std::fclose(stream) : 0; });
    std::FILE* stream = to_stdout ? stdout : opened.get();
    if (stream == nullptr)
        return tsmfd::fail("open " + name, errno);
    if (std::fwrite(bytes.data(), 1, bytes.size(), stream) != bytes.size() ||
        std::fflush(stream) != 0)
        return tsmfd::fail("write " + name, errno);
    return {};
}

} // namespace stress
