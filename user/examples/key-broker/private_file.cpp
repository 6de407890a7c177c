// SPDX-License-Identifier: MIT
#include "private_file.hpp"

#include <tsmfd/unique_fd.hpp>

#include <fcntl.h>
#include <files.hpp>
#include <sys/stat.h>

namespace keybroker {

using tsmfd::fail;
using tsmfd::Result;

Result<Secret> read_private(const std::string& path) {
    const tsmfd::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return fail("open " + path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return fail("look at " + path, errno);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail("read " + path + ", which others than its owner may use (chmod 600)", EACCES);
    Secret secret;
    const auto size = files::read_open(file.get(), path, secret, private_max);
    if (!size)
        return std::unexpected(size.error());
    secret.resize(*size);
    secret.shrink_to_fit();
    return secret;
}

} // namespace keybroker
