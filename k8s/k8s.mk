# Image, manifests and their tests; part of the Makefile.
IMAGE ?= localhost/random-refresher:$(VERSION)

.PHONY: image deploy test-image test-manifests test-cluster test-alerts plain-rules
image:  ## build the container image $(IMAGE) with docker, podman or buildah; ARCH=arm64 cross-builds $(IMAGE)-arm64
	$(Q)VERSION=$(VERSION) REVISION=$(REVISION) k8s/image/make-image $(IMAGE)$(if $(ARCH),-$(ARCH) --arch $(ARCH))
deploy:  ## build IMAGE, bring it to the cluster's nodes (registry or LOAD_IMAGE), label them, apply OVERLAY, wait
	$(Q)VERSION=$(VERSION) REVISION=$(REVISION) k8s/deploy $(IMAGE)
test-image:  ## build the image twice and for arm64 (AGAIN=no ARM64=no: once), run it under podman: device, permissions, sidecar, signals
	$(Q)VERSION=$(VERSION) tests/image/run.sh $(or_skipped)
test-manifests:  ## render k8s/, check schemas, our own rules and the alerts
	$(call need,$(DEPS_BUILD))
	$(Q)$(MAKE) --no-print-directory deps-manifests || echo 'make: going on with what is installed'
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher
	$(Q)tests/manifests/run.sh $(B)/manifests $(O)/refresher $(or_skipped)
test-alerts:  ## two minutes: a real Prometheus beside daemons in each state; the alerts that fire, and the dashboard's data
	$(call need,$(DEPS_BUILD) $(DEPS_UNIT) prometheus prometheus-alertmanager)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher
	$(Q)python3 tests/alerts/run.py $(O)/refresher $(or_skipped)
plain-rules:  ## write k8s/prometheus/rules.yaml, the alerts for a Prometheus without the operator
	$(Q)sed -e '1,/^spec:$$/d' -e 's/^  //' k8s/components/monitoring/prometheusrule.yaml | \
	  sed '1i # Written by `make plain-rules` out of components/monitoring/prometheusrule.yaml: change that one.' >k8s/prometheus/rules.yaml
test-cluster:  ## deploy to the cluster of KUBECONFIG and run the tour; LOAD_IMAGE=COMMAND puts an image file onto its nodes
	$(Q)VERSION=$(VERSION) tests/cluster/run.sh $(or_skipped)
