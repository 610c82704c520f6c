"""The two files of a model that OpenVINO reads: its graph and its weights."""

IR_FILE = "openvino_model.xml"
IR_WEIGHTS = "openvino_model.bin"
