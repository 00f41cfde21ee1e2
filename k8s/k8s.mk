# Image, manifests and their tests; part of the Makefile.
IMAGE ?= localhost/random-refresher:$(VERSION)
.PHONY: image test-image test-manifests test-cluster
image:  ## build the container image $(IMAGE) with docker, podman or buildah; ARCH=arm64 cross-builds
	$(Q)VERSION=$(VERSION) REVISION=$(REVISION) k8s/image/make-image $(IMAGE) $(if $(ARCH),--arch $(ARCH))
test-image:  ## build the image twice and for arm64, run it under podman: device, permissions, sidecar, signals
	$(Q)VERSION=$(VERSION) tests/image/run.sh $(or_skipped)
test-manifests:  ## render k8s/, check schemas, our own rules and the alerts
	$(call need,$(DEPS_BUILD) prometheus)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher
	$(Q)tests/manifests/run.sh $(B)/manifests $(O)/refresher $(or_skipped)
test-cluster:  ## deploy to the cluster of KUBECONFIG and run the tour; LOAD_IMAGE=COMMAND puts an image file onto its nodes
	$(Q)VERSION=$(VERSION) tests/cluster/run.sh $(or_skipped)
