using KernelGen.Kernels.Products;

namespace KernelGen.Formats;

// Integers and NormalFloat in groups with a binary16 scale: what GPTQ, AWQ, HQQ and bitsandbytes users call "group size".

/// <summary>NF4 (QLoRA, Dettmers et al. 2023): 16 quantiles of a Gaussian, absmax scale over 64. 4.25 bits.</summary>
[CompressedFormat("nf4-g64")]
[Codebook(
    -1f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1f
)]
[Scale(ScaleType.Float16, group: 64)]
public readonly partial struct Nf4G64;

/// <summary>Four levels ±½, ±1½, the scale searched for least error. 2.5 bits.</summary>
[CompressedFormat("int2-g32")]
[IntElement(2, Levels = IntLevels.Midrise)]
[Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
public readonly partial struct Int2G32;

/// <summary>Integers −3…3. 3.5 bits.</summary>
[CompressedFormat("int3-g32")]
[IntElement(3)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct Int3G32;

/// <summary>Integers −7…7 in groups of 32. 4.5 bits.</summary>
[CompressedFormat("int4-g32")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 32)]
public readonly partial struct Int4G32;

/// <summary>Integers −7…7 in groups of 64. 4.25 bits.</summary>
[CompressedFormat("int4-g64")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 64)]
public readonly partial struct Int4G64;

/// <summary>Integers −7…7 in groups of 128. 4.125 bits.</summary>
[CompressedFormat("int4-g128")]
[IntElement(4)]
[Scale(ScaleType.Float16, group: 128)]
public readonly partial struct Int4G128;

/// <summary>Integers −127…127 in groups of 128. 8.125 bits.</summary>
[CompressedFormat("int8-g128")]
[IntElement(8, Code = IntCode.TwosComplement)]
[Scale(ScaleType.Float16, group: 128)]
public readonly partial struct Int8G128;
