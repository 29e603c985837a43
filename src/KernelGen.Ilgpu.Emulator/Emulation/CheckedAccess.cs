using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Emulation;

/// <summary>Reads and writes through references become calls that look whether shared memory is touched.</summary>
internal sealed class CheckedAccess(ILGenerator il, StackTypes stack)
{
    private const BindingFlags Inner = BindingFlags.Static | BindingFlags.NonPublic;

    private static readonly Dictionary<string, Type> s_types = new()
    {
        ["i1"] = typeof(sbyte),
        ["u1"] = typeof(byte),
        ["i2"] = typeof(short),
        ["u2"] = typeof(ushort),
        ["i4"] = typeof(int),
        ["u4"] = typeof(uint),
        ["i8"] = typeof(long),
        ["r4"] = typeof(float),
        ["r8"] = typeof(double),
    };

    /// <summary>Writes the instruction if it is such an access; false if it is not.</summary>
    public bool TryWrite(Instruction instruction)
    {
        string name = instruction.Code.Name!;
        switch (name)
        {
            case "ldobj" when !ContainsReference((Type)instruction.Operand!):
                Read((Type)instruction.Operand!);
                return true;
            case "stobj" when !ContainsReference((Type)instruction.Operand!):
                Write((Type)instruction.Operand!);
                return true;
            case "ldfld" when stack.Top.IsByRef && !ContainsReference(((FieldInfo)instruction.Operand!).FieldType):
                il.Emit(OpCodes.Ldflda, (FieldInfo)instruction.Operand!);
                Read(((FieldInfo)instruction.Operand!).FieldType);
                return true;
            case "stfld" when stack[1].IsByRef && !ContainsReference(((FieldInfo)instruction.Operand!).FieldType):
                var field = (FieldInfo)instruction.Operand!;
                LocalBuilder value = il.DeclareLocal(field.FieldType);
                il.Emit(OpCodes.Stloc, value);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Ldloc, value);
                Write(field.FieldType);
                return true;
            default:
                if (name.StartsWith("ldind.", StringComparison.Ordinal) && s_types.TryGetValue(name[6..], out Type? loaded))
                {
                    Read(loaded);
                    return true;
                }
                if (name.StartsWith("stind.", StringComparison.Ordinal) && s_types.TryGetValue(name[6..], out Type? stored))
                {
                    Write(stored);
                    return true;
                }
                return false;
        }
    }

    private static bool ContainsReference(Type type) =>
        !type.IsValueType
        || (
            !type.IsPrimitive
            && !type.IsEnum
            && type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Any(field => ContainsReference(field.FieldType))
        );

    private void Read(Type type)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, typeof(EmulatedThread).GetMethod("Read", Inner)!.MakeGenericMethod(type));
    }

    private void Write(Type type)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, typeof(EmulatedThread).GetMethod("Write", Inner)!.MakeGenericMethod(type));
    }
}
