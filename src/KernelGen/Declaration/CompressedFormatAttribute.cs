namespace KernelGen;

/// <summary>
/// Declares a compressed number format. Put it on a <c>readonly partial struct</c> with no members; the other
/// attributes of this namespace say, from top to bottom, what happens to a tensor. The generator completes the
/// struct so that it implements <see cref="ICompressedFormat{TSelf}"/>.
/// </summary>
/// <param name="name">Name used on the command line and in files, unique in the assembly: <c>int4-g32</c>.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class CompressedFormatAttribute(string name) : Attribute
{
    /// <summary>Name used on the command line and in files: lower case letters, digits, '-', '_' and '.'.</summary>
    public string Name { get; } = name;
}

/// <summary>Which kernels to generate. Without it: all that the compilation can use.</summary>
/// <param name="targets">The targets.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class TargetsAttribute(KernelTargets targets) : Attribute
{
    /// <summary>The targets to generate kernels for.</summary>
    public KernelTargets Targets { get; } = targets;
}
