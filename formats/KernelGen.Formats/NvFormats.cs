namespace KernelGen.Formats;

/// <summary>
/// NVIDIA NVFP4, the two-level form: E2M1 in groups of 16 under E4M3 scales, which one float32 per tensor multiplies so
/// that the largest of them is 448. 4.5 bits.
/// </summary>
[CompressedFormat("nvfp4")]
[FloatElement(2, 1)]
[Scale(ScaleType.E4M3, group: 16)]
[TensorScale(ScaleType.Float32)]
public readonly partial struct NvFp4;

/// <summary>
/// GGUF NVFP4 (type 40): blocks of 64 with four unsigned E4M3 scales in ggml's rounding and no tensor scale; ties go to
/// the smaller magnitude. 4.5 bits.
/// </summary>
[CompressedFormat("nvfp4-ggml")]
[FloatElement(2, 1, Ties = TieRule.TowardZero, NegativeZero = false)]
[Scale(ScaleType.UE4M3, group: 16)]
[Layout(Groups = 4)]
public readonly partial struct NvFp4Ggml;
