namespace KernelGen.Formats;

// Bitshift trellises with a computed Gaussian code (the idea is QTIP's, Tseng et al. 2024; the code is our own), a binary16
// scale for 256 weights. The least error for the bits of all formats here; packing searches all states for every weight.

/// <summary>Trellis of 2 bits, 4096 states. 2.0625 bits.</summary>
[CompressedFormat("trellis2")]
[Trellis(2, states: 4096)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct TrellisTwo;

/// <summary>Trellis of 3 bits, 4096 states. 3.0625 bits.</summary>
[CompressedFormat("trellis3")]
[Trellis(3, states: 4096)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct TrellisThree;

/// <summary>Trellis of 4 bits, 4096 states. 4.0625 bits.</summary>
[CompressedFormat("trellis4")]
[Trellis(4, states: 4096)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct TrellisFour;

/// <summary>Trellis of 2 3/16 bits, 16384 states: with its scale as large as a 2-bit type of GGUF. 2.25 bits.</summary>
[CompressedFormat("trellis2.25")]
[Trellis(2.1875, states: 16384)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct TrellisTwoQuarter;

/// <summary>Trellis of 3 3/16 bits, 16384 states. 3.25 bits.</summary>
[CompressedFormat("trellis3.25")]
[Trellis(3.1875, states: 16384)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct TrellisThreeQuarter;

/// <summary>Trellis of 4 3/16 bits, 16384 states: as large as an MX block of 4-bit floats. 4.25 bits.</summary>
[CompressedFormat("trellis4.25")]
[Trellis(4.1875, states: 16384)]
[Scale(ScaleType.Float16, group: 256, Rule = ScaleRule.MinimiseError)]
public readonly partial struct TrellisFourQuarter;
