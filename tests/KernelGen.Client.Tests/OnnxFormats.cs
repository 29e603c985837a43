namespace KernelGen.Client.Tests;

// Blocks of ONNX Runtime's MatMulNBits, each behind its scale: two codes a byte in the order of columns.

[CompressedFormat("nbits4-b16")]
[IntElement(4, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Float32, group: 16)]
[Layout(BlockField.Scale, BlockField.Nibbles, Nibbles = CodeOrder.LowFirst)]
internal readonly partial struct NBits4B16;

[CompressedFormat("nbits4-b32")]
[IntElement(4, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Float32, group: 32)]
[Layout(BlockField.Scale, BlockField.Nibbles, Nibbles = CodeOrder.LowFirst)]
internal readonly partial struct NBits4B32;

[CompressedFormat("nbits4-b256")]
[IntElement(4, Levels = IntLevels.TwosComplement)]
[Scale(ScaleType.Float32, group: 256)]
[Layout(BlockField.Scale, BlockField.Nibbles, Nibbles = CodeOrder.LowFirst)]
internal readonly partial struct NBits4B256;

[CompressedFormat("nbits4-b32-zero")]
[IntElement(4, Levels = IntLevels.Unsigned)]
[Scale(ScaleType.Float32, group: 32)]
[Offset(ScaleType.Float32)]
[Layout(BlockField.Scale, BlockField.Offset, BlockField.Nibbles, Nibbles = CodeOrder.LowFirst)]
internal readonly partial struct NBits4B32Zero;

[CompressedFormat("nbits8-b32")]
[IntElement(8, Levels = IntLevels.TwosComplement, Code = IntCode.Offset)]
[Scale(ScaleType.Float32, group: 32)]
internal readonly partial struct NBits8B32;

[CompressedFormat("nbits8-b128")]
[IntElement(8, Levels = IntLevels.TwosComplement, Code = IntCode.Offset)]
[Scale(ScaleType.Float32, group: 128)]
internal readonly partial struct NBits8B128;
