# Image, manifests and their tests; part of the Makefile.
comma := ,
SBOM_DIR ?= $(B)/image
IMAGE ?= localhost/random-refresher:$(VERSION)

.PHONY: image sbom sign deploy test-image test-sign test-manifests test-cluster test-alerts plain-rules
image:  ## build the image $(IMAGE) with docker, podman or buildah; ARCH=arm64: $(IMAGE)-arm64; ARCH=amd64,arm64: both under one name
	$(Q)VERSION=$(VERSION) REVISION=$(REVISION) k8s/image/make-image $(IMAGE)$(if $(ARCH),$(if $(findstring $(comma),$(ARCH)),,-$(ARCH)) --arch $(ARCH))
sbom:  ## write what is in IMAGE (SPDX 2.3) and how it was made (SLSA provenance) into $(SBOM_DIR)
	$(Q)k8s/image/sbom $(IMAGE)$(if $(ARCH),-$(ARCH)) $(SBOM_DIR)
sign:  ## sign IMAGE in its registry with KEY=cosign.key, attest what `make sbom` wrote, print the lines that verify it
	$(Q)KEY="$(or $(KEY),cosign.key)" k8s/image/sign $(IMAGE) $(SBOM_DIR)
deploy:  ## build IMAGE, bring it to the cluster's nodes (registry or LOAD_IMAGE), label them, apply OVERLAY, wait
	$(Q)VERSION=$(VERSION) REVISION=$(REVISION) $(if $(ARCH),ARCH=$(ARCH)) k8s/deploy $(IMAGE)
test-image:  ## build the image twice and for arm64 (AGAIN=no ARM64=no: once), run it under podman: device, permissions, sidecar, signals
	$(Q)VERSION=$(VERSION) tests/image/run.sh $(or_skipped)
test-sign:  ## make sbom and make sign against a registry and a key pair of the test's own; needs what Debian 13 has
	$(Q)VERSION=$(VERSION) tests/image/sign.sh $(or_skipped)
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
