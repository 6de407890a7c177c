// SPDX-License-Identifier: MIT
#include "files.hpp"

#include <tsmfd/unique_fd.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace keybroker {

namespace {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::UniqueFd;

Result<UniqueFd> open(const std::string& path) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return fail("open " + path, errno);
    return file;
}

template <typename Contents>
Result<Contents> read_all(const UniqueFd& file, const std::string& path) {
    Contents contents;
    while (true) {
        const std::size_t size = contents.size();
        contents.resize(size + 4096);
        const ssize_t count = ::read(file.get(), contents.data() + size, contents.size() - size);
        if (count < 0)
            return fail("read " + path, errno);
        contents.resize(size + static_cast<std::size_t>(count));
        if (count == 0) {
            contents.shrink_to_fit();
            return contents;
        }
        if (contents.size() > file_max)
            return fail("read " + path, EFBIG);
    }
}

} // namespace

Result<Bytes> read_file(const std::string& path) {
    const auto file = open(path);
    if (!file)
        return std::unexpected(file.error());
    return read_all<Bytes>(*file, path);
}

Result<Secret> read_private(const std::string& path) {
    const auto file = open(path);
    if (!file)
        return std::unexpected(file.error());
    struct stat status {};
    if (::fstat(file->get(), &status) != 0)
        return fail("look at " + path, errno);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail("read " + path + ", which others than its owner may use (chmod 600)", EACCES);
    return read_all<Secret>(*file, path);
}

} // namespace keybroker
