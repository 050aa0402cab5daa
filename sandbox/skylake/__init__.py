"""The fast Skylake model: a QEMU plugin that follows a program (``plugin/``) and a model that times it (``model/``)."""
