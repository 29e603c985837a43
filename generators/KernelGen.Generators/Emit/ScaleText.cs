using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit;

/// <summary>Text that reads scales.</summary>
internal static class ScaleText
{
    /// <summary>Name of the pair of conversions in <c>ScaleCodec</c>, empty for float32.</summary>
    private static string Conversion(ScaleType type) =>
        type switch
        {
            ScaleType.Float16 => "Half",
            ScaleType.BFloat16 => "BFloat16",
            ScaleType.Float32 => "",
            _ => type.ToString(),
        };

    private static string Storage(ScaleType type) =>
        type switch
        {
            ScaleType.Float16 or ScaleType.BFloat16 => "ushort",
            ScaleType.Float32 => "float",
            _ => "byte",
        };

    /// <summary>Decodes a stored scale at <c>ref Unsafe.Add(ref local, offset)</c>.</summary>
    public static string Read(ScaleType type, string local, string offset)
    {
        string raw =
            Storage(type) == "byte"
                ? $"Unsafe.Add(ref {local}, {offset})"
                : $"Unsafe.ReadUnaligned<{Storage(type)}>(ref Unsafe.Add(ref {local}, {offset}))";
        return type == ScaleType.Float32 ? raw : $"ScaleCodec.From{Conversion(type)}({raw})";
    }

    /// <summary>Text of the scale of a group inside kernels: local <c>scale</c> and, with an offset, <c>offset</c>.</summary>
    public static string ReadGroup(BlockPlan plan, string group)
    {
        if (plan.Source != ScaleSource.Group)
        {
            return "";
        }
        string At(string name, ScalePlan field) => group.Length == 0 ? name : $"{name} + {group} * {Text.Int(field.Bytes)}";
        string scale = Read(plan.Scale!.Type, "block", At("ScaleOffset", plan.Scale));
        string text = $"float scale = {scale}{(plan.Model.HasTensorScale ? " * tensorScale" : "")};";
        return plan.Offset is null ? text : text + $"\nfloat offset = {Read(plan.Offset.Type, "block", At("OffsetOffset", plan.Offset))};";
    }
}
