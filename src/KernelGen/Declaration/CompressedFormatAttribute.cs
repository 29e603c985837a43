namespace KernelGen;

/// <summary>
/// Declares a compressed number format on a <c>readonly partial struct</c> without members. An element and most often a
/// <see cref="ScaleAttribute"/> say the rest: <c>[CompressedFormat("int4-g32")] [IntElement(4)] [Scale(ScaleType.Float16, group: 32)]</c>
/// stores 4.5 bits per weight. The build adds pack, unpack, matvec and matmul; use them by <see cref="CompressedMatrix{TFormat}"/>.
/// </summary>
/// <param name="name">Name used on the command line and in files, unique in the assembly: <c>int4-g32</c>.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class CompressedFormatAttribute(string name) : Attribute
{
    /// <summary>Name used on the command line and in files: lower case letters, digits, '-', '_' and '.'.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Which kernels to generate; without it, all that the project can use. <c>[Targets(KernelTargets.Cpu)]</c> leaves out the GPU kernels of
/// one format where the project references KernelGen.Gpu, which makes builds shorter. Stored bits do not depend on it.
/// </summary>
/// <param name="targets">One target, or several joined by <c>|</c>.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class TargetsAttribute(KernelTargets targets) : Attribute
{
    /// <summary>The targets to generate kernels for.</summary>
    public KernelTargets Targets { get; } = targets;
}
