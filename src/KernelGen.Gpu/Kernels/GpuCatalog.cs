using System.Diagnostics.CodeAnalysis;

namespace KernelGen.Gpu;

/// <summary>Asks the generator for GPU kernels of the formats of another assembly, which was compiled without ILGPU.</summary>
/// <param name="type">Any type of that assembly.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GpuFormatsOfAttribute(Type type) : Attribute
{
    /// <summary>Any type of the assembly.</summary>
    public Type Type { get; } = type;
}

/// <summary>A format in a catalogue: its kernels, or why there are none.</summary>
/// <param name="Name">The format's name.</param>
/// <param name="Kernels">The kernels, or null.</param>
/// <param name="Reason">Why there are none, as the end of a sentence; null if there are.</param>
public sealed record GpuFormat(string Name, GpuKernels? Kernels, string? Reason = null);

/// <summary>
/// GPU kernels by format name. The generator writes one catalogue per assembly, <c>DeclaredGpuKernels.Catalog</c> in the
/// namespace named after the assembly; catalogues can be joined.
/// </summary>
public sealed class GpuCatalog
{
    private readonly Dictionary<string, GpuFormat> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A catalogue; of two entries of one name the first counts.</summary>
    /// <param name="formats">The entries.</param>
    public GpuCatalog(params IReadOnlyList<GpuFormat> formats)
    {
        All = formats;
        foreach (GpuFormat format in formats)
        {
            _byName.TryAdd(format.Name, format);
        }
    }

    /// <summary>All entries.</summary>
    public IReadOnlyList<GpuFormat> All { get; }

    /// <summary>This catalogue and another.</summary>
    /// <param name="other">The other.</param>
    public GpuCatalog With(GpuCatalog other) => new([.. All, .. other.All]);

    /// <summary>Whether a format has kernels.</summary>
    /// <param name="name">The format's name.</param>
    /// <param name="kernels">Its kernels.</param>
    public bool TryGet(string name, [MaybeNullWhen(false)] out GpuKernels kernels)
    {
        kernels = _byName.TryGetValue(name, out GpuFormat? format) ? format.Kernels : null;
        return kernels is not null;
    }

    /// <summary>The kernels of a format.</summary>
    /// <param name="name">The format's name.</param>
    /// <exception cref="GpuException">It has none; the message says why.</exception>
    public GpuKernels this[string name] => TryGet(name, out GpuKernels? kernels) ? kernels : throw WhyNot(name)!;

    /// <summary>Why a format has no kernels, or null if it has.</summary>
    /// <param name="name">The format's name.</param>
    public GpuException? WhyNot(string name) =>
        TryGet(name, out _)
            ? null
            : new GpuException(
                _byName.TryGetValue(name, out GpuFormat? format)
                    ? $"The format {name} has no GPU kernels: {format.Reason}."
                    : $"The format {name} has no GPU kernels: no assembly with [GpuFormatsOf] or a reference to ILGPU was compiled for it."
            );
}
