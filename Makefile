# SPDX-License-Identifier: MIT
#
# tsmfd. `make help` says what there is to make.

KERNEL	?= 6.12
CMD	?= bash -c 'uname -r; ls -l /dev/tsmfd*'
LOAD	?= tsmfd,tsmfd_emu
VM	?=

KERNELS	:= 6.1 6.12 debug
MAKEFLAGS += --no-print-directory

# A stamp is made anew when what it stands for may have changed.
DEPS	:= build/.deps
STOCK	:= build/kernels/.stock
DEBUG	:= build/kernels/.debug

.PHONY: help
help:
	@echo 'make run       boot a guest, stress every interface, report (build/out/report.json)'
	@echo 'make test      every test: host, guests, KUnit'
	@echo 'make bench     against stock configfs-tsm, in one boot (build/out/bench.json); many at'
	@echo '               once, what costs what, signed evidence, TLS; tests/bench/bench --matrix'
	@echo 'make demo      both workloads in a guest: a key released at boot, attested connections'
	@echo 'make check     sparse, checkpatch, coccinelle, clang-format, clang-tidy, cppcheck, ...'
	@echo 'make vm        CMD="..." [KERNEL=6.1|6.12|debug] [LOAD=tsmfd,tsmfd_emu:latency_us=5000] [VM="--tpm"]'
	@echo 'make kmod      the modules, for every kernel of the project'
	@echo 'make user      the library and the tools; make guest-programs: what tests run in guests'
	@echo 'make install   [DESTDIR=] the tools, the modules for the running kernel, the header'
	@echo 'make dkms      [DESTDIR=] the modules as source for dkms'
	@echo 'make clean     all but kernels; make distclean: all'

$(DEPS): scripts/install-deps scripts/kernel-versions
	scripts/install-deps
	@mkdir -p $(@D) && touch $@

$(STOCK): $(DEPS) scripts/fetch-kernels
	scripts/fetch-kernels
	@touch $@

$(DEBUG): $(DEPS) scripts/build-debug-kernel scripts/debug-kernel.config
	scripts/build-debug-kernel
	@touch $@

.PHONY: kernels kmod $(KERNELS:%=kmod-%)
kernels: $(STOCK) $(DEBUG)
kmod: $(KERNELS:%=kmod-%)
kmod-6.1 kmod-6.12: kmod-%: $(STOCK)
	scripts/build-kmod $*
kmod-debug: $(DEBUG)
	scripts/build-kmod debug

.PHONY: user guest-programs
build/user/build.ninja: $(DEPS) user/CMakeLists.txt
	cmake -S user -B build/user -G Ninja -DCMAKE_BUILD_TYPE=Release -DTSMFD_GUEST_TESTS=ON \
		-Wno-dev --log-level=WARNING

user: build/user/build.ninja
	ninja -C build/user --quiet

# The tests that run in a guest.
guest-programs: user
	ninja -C build/user --quiet guest-programs

.PHONY: run test bench check demo
run: user kmod-6.12
	scripts/run

demo: user kmod-6.12
	scripts/demo

bench: guest-programs kmod-6.12
	ninja -C build/user --quiet verify-bench
	tests/bench/bench
	tests/bench/holds
	tests/bench/cost
	tests/bench/evidence
	tests/bench/attested

test: guest-programs kmod
	scripts/run-tests

check: $(STOCK) $(DEBUG)
	scripts/check

# For the running kernel, or the one that KVER names.
KVER	?= $(shell uname -r)
PREFIX	?= /usr
VERSION	:= 0.2.0

.PHONY: install install-kmod dkms
# The prefix is named in tsmfd.pc, so it is said before the installation.
install: user install-kmod install-udev
	cmake -DCMAKE_INSTALL_PREFIX=$(PREFIX) -Wno-dev --log-level=WARNING build/user
	DESTDIR=$(DESTDIR) cmake --install build/user
	$(if $(DESTDIR),,ldconfig)

install-kmod:
	scripts/build-kmod $(KVER)
	$(MAKE) -C /lib/modules/$(KVER)/build M=$(CURDIR)/build/kmod/$(KVER) \
		INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates modules_install

.PHONY: install-udev
install-udev:
	install -D -m 644 udev/60-tsmfd.rules $(DESTDIR)/usr/lib/udev/rules.d/60-tsmfd.rules
	install -D -m 644 udev/tsmfd.sysusers.conf $(DESTDIR)/usr/lib/sysusers.d/tsmfd.conf

# Then: dkms install tsmfd/$(VERSION)
dkms:
	install -d $(DESTDIR)/usr/src/tsmfd-$(VERSION)
	cp -r kmod/. Kconfig LICENSES $(DESTDIR)/usr/src/tsmfd-$(VERSION)/
	sed 's/@VERSION@/$(VERSION)/' scripts/dkms.conf.in >$(DESTDIR)/usr/src/tsmfd-$(VERSION)/dkms.conf

.PHONY: vm
vm: export CMD := $(CMD)
vm: kmod-$(KERNEL)
	tests/vm/vm --kernel $(KERNEL) --load $(LOAD) $(VM) -- "$$CMD"

.PHONY: clean distclean
clean:
	rm -rf $(filter-out build/kernels build/kernels/%,$(wildcard build/*))
distclean:
	rm -rf build
