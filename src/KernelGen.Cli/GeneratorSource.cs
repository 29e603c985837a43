using System.Reflection;
using System.Runtime.CompilerServices;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Emit.Ilgpu;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;
using KernelGen.Generators.Reading;

namespace KernelGen.Cli;

/// <summary>
/// Asks the generator itself, for formats of any assembly: their attributes are read from metadata instead of source, and
/// all after that is what happens in a build. Nothing of Roslyn is needed, as the generator works on the model alone.
/// </summary>
internal sealed class GeneratorSource : IFormatSource
{
    public IReadOnlyList<(string Name, string Text)> Files(CompressedFormat format) =>
        Model(format) is { } model ? [.. FormatFiles.Of(model), .. IlgpuEmitter.Of(model)] : [];

    public IReadOnlyList<string> Layout(CompressedFormat format) => Model(format) is { } model ? new InnerFormat(model).Drawing : [];

    public IReadOnlyList<int> VectorWidths(CompressedFormat format) => Model(format) is { } model ? new InnerFormat(model).Arms : [];

    public IReadOnlyList<(string Kernel, string Recipe)> Kernels(CompressedFormat format) =>
        Model(format) is { } model ? [.. KernelSummary.Of(model)] : [];

    /// <summary>The declaration as the generator plans it; null for formats written by hand.</summary>
    public static FormatModel? Model(CompressedFormat format)
    {
        Type type = format.Declaration;
        DeclaredAttribute[] attributes =
        [
            .. type.GetCustomAttributesData()
                .Where(attribute => attribute.AttributeType.Namespace == SymbolReading.AttributeNamespace)
                .Select(Read),
        ];
        var declaration = new Declaration(
            Identifiers.EscapeDotted(type.Namespace ?? ""),
            Identifiers.Escape(type.Name),
            type.IsPublic ? "public" : "internal",
            IsStruct: true,
            IsPartial: true,
            type.IsDefined(typeof(IsReadOnlyAttribute), inherit: false),
            IsTopLevel: !type.IsNested,
            type.GetGenericArguments().Length,
            new(attributes)
        );
        return declaration.Find("CompressedFormat") is null ? null : ModelReading.Read(declaration);
    }

    private static DeclaredAttribute Read(CustomAttributeData attribute) =>
        new(
            attribute.AttributeType.Name[..^nameof(Attribute).Length],
            new(attribute.ConstructorArguments.Select(Constant)),
            new(
                attribute.NamedArguments.Select(argument => new KeyValuePair<string, object?>(
                    argument.MemberName,
                    Constant(argument.TypedValue)
                ))
            )
        );

    /// <summary>A constant as the generator wants it: enums are numbers already, arrays become lists of objects.</summary>
    private static object? Constant(CustomAttributeTypedArgument argument) =>
        argument.Value is IEnumerable<CustomAttributeTypedArgument> entries
            ? new EquatableArray<object?>(entries.Select(Constant))
            : argument.Value;
}
