"""Names of the two files in which OpenVINO reads a model: its graph and its weights."""

IR_FILE = "openvino_model.xml"
IR_WEIGHTS = "openvino_model.bin"
